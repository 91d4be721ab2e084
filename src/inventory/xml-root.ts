/** The name of the first element of an XML text, without prefix; undefined where it does not begin as XML. */
export function rootOf(text: string): string | undefined {
  const body = text.replace(/^[\s\ufeff]*(?:<\?[\s\S]*?\?>\s*|<!--[\s\S]*?-->\s*|<!DOCTYPE[^>[]*>\s*)*/, '');
  return /^<(?:[\p{L}_][\p{L}\p{N}_.-]*:)?([\p{L}_][\p{L}\p{N}_.-]*)(?=[\s/>])/u.exec(body)?.[1];
}

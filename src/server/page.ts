/** What a browser gets at the root, with lines that work for a server at this address. */
export const startPage = (url: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Dr. Portscan</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark }
  pre { overflow-x: auto; padding: .75rem; border: 1px solid }
</style>
<h1>Dr. Portscan</h1>
<p>This server remembers what scanners saw and computes what changed.</p>
<ol>
  <li>Push a report: <pre>nmap -oX - 127.0.0.1 | npx drportscan push - --server ${url} --scanner first --create</pre></li>
  <li>See what is there: <pre>npx drportscan hosts --server ${url}
npx drportscan changes --server ${url}</pre></li>
  <li>Ask anything else at <a href="/graphql">/graphql</a>, where queries can be tried out.</li>
</ol>
</html>
`;

/** What a browser gets at the root. Nothing in it comes from outside. */
export const startPage = `<!doctype html>
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
  <li>Push a report: <pre>nmap -oX - 127.0.0.1 | npx drportscan push - --scanner first --create</pre></li>
  <li>See what is there: <pre>npx drportscan hosts
npx drportscan changes</pre></li>
  <li>Ask anything else at <a href="/graphql">/graphql</a>, where queries can be tried out.</li>
</ol>
</html>
`;

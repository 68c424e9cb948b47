/** The look of the pages that the daemon writes itself. */
export const style = `:root {
  --ground: #fff; --text: #1c2024; --quiet: #5c6670; --line: #d9dee3; --soft: #f3f5f7; --link: #0b5cad;
  --get: #0b6b3a; --post: #0b5cad; --change: #8a5a00; --delete: #a3201d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --text: #dfe4e8; --quiet: #97a3ae; --line: #2f363c; --soft: #1d2226; --link: #7ab8ff;
    --get: #6fcf97; --post: #7ab8ff; --change: #e6b35a; --delete: #ff8a80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 56rem; padding: 1rem 1rem 4rem; background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { margin-top: 3rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); font-size: 1.3rem; }
h3 { margin: 0 0 .4rem; font-size: 1rem; }
h4 { margin: 1rem 0 .25rem; font-size: .9rem; color: var(--quiet); }
a { color: var(--link); }
p { margin: .4rem 0; }
code, pre { font: .9em/1.45 ui-monospace, monospace; }
code { padding: .1em .3em; border-radius: 3px; background: var(--soft); }
h3 code { padding: 0; background: none; font-size: 1rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; list-style: none; }
nav a { display: inline-block; padding: .35rem 0; }
section.call { margin: 1rem 0; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 6px; }
section.call:target { border-color: var(--link); }
.method { display: inline-block; min-width: 3.6rem; font-weight: 700; color: var(--post); }
.method.get { color: var(--get); }
.method.put, .method.patch { color: var(--change); }
.method.delete { color: var(--delete); }
.quiet { color: var(--quiet); }
.scope { float: right; padding: 0 .5rem; border: 1px solid var(--line); border-radius: 1rem; color: var(--quiet); font-size: .8rem; }
ul.fields { margin: .2rem 0; padding-left: 1.1rem; }
ul.fields ul.fields { border-left: 1px solid var(--line); list-style: none; padding-left: .9rem; }
ul.fields li { margin: .2rem 0; }
.type { color: var(--quiet); font-size: .9em; }
.must { color: var(--delete); font-size: .8em; }
details > summary { padding: .35rem 0; cursor: pointer; }
dl.errors dt { margin-top: 1.2rem; font-weight: 700; }
dl.errors dt:target { background: var(--soft); }
dl.errors dd { margin: .2rem 0 0; }
`;

// Imported first, for its effect: a Node that is too old gets one clear line and not a stack of syntax errors.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Holdfast needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and run the same command again.`,
  );
  process.exit(1);
}

#!/usr/bin/env node
// Words and syntax here are old on purpose: an outdated Node has to be able to read them.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `zuko-mcp: This is Node ${process.versions.node}; zuko-mcp needs Node 20.19 or later. Fix: install a current one from https://nodejs.org.`,
  )
  process.exitCode = 1
} else {
  import('../dist/main.js').then((program) => program.main(process.argv))
}

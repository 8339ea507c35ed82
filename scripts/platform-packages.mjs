// Packages with binaries name one package for each platform as an optional dependency. A lock file that was made where some
// of these could not be had does not list them, and npm then installs none of them for these platforms.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the packages in a folder lack for the platform that this runs on.
 * @param {string} modules a `node_modules`
 * @returns {string[]} `name@version` each, as npm takes them
 */
export function missingForPlatform(modules, { platform, arch, libc } = here()) {
  // `…-darwin-arm64`, `…-linux-x64-gnu`, `…/linux-arm64`, `…-win32-x64-msvc`.
  const suffix = { linux: libc === 'musl' ? '-musl' : '(?:-gnu)?', win32: '(?:-msvc)?' }[platform] ?? '';
  const forHere = new RegExp(`[-/]${platform}-${arch}${suffix}$`);
  const missing = new Map();
  for (const folder of packageFolders(modules)) {
    const { optionalDependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const isThere = existsSync(join(modules, name)) || existsSync(join(folder, 'node_modules', name));
      if (forHere.test(name) && !isThere) missing.set(name, `${name}@${version}`);
    }
  }
  return [...missing.values()];
}

function here() {
  const report = process.platform === 'linux' ? process.report.getReport() : undefined;
  const { glibcVersionRuntime } = /** @type {any} */ (report)?.header ?? {};
  return { platform: process.platform, arch: process.arch, libc: glibcVersionRuntime ? 'glibc' : 'musl' };
}

/** @param {string} modules */
function packageFolders(modules) {
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((scoped) => join(name, scoped)) : [name],
  );
  return names.map((name) => join(modules, name)).filter((folder) => existsSync(join(folder, 'package.json')));
}

// Writes ../static/LICENSES.txt: the licence of every package that the bundle may contain, from the lock file.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const LICENCE_FILE = /^(licen[cs]e|copying|notice|thirdpartynotices)([.-].*)?$/i;
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  if (!license) throw new Error(`${name} ${version} names no licence`);
  const texts = readdirSync(folder)
    .filter(file => LICENCE_FILE.test(file))
    .map(file => readFileSync(`${folder}/${file}`, 'utf8').trim());
  return [`${name} ${version} (${license})`, '-'.repeat(72), ...texts].join('\n\n');
}

const folders = Object.keys(packages).filter(folder => folder !== '' && !packages[folder].dev);
writeFileSync('../static/LICENSES.txt', `${folders.map(licenceOf).join(`\n\n${'='.repeat(72)}\n\n`)}\n`);
console.log(`LICENSES.txt: ${folders.length} packages`);

// `npm run env-example`: writes .env.example from the schema of the settings. With --check, says whether the committed one is
// fresh.
import { z } from 'zod';
import { Environment } from '../apps/api/dist/environment.js';
import { writeOrCheck } from './generated-file.mjs';

const fresh = exampleOf(z.toJSONSchema(Environment, { io: 'input', unrepresentable: 'any' }));

writeOrCheck('.env.example', fresh, 'apps/api/src/environment.ts', 'npm run env-example');

/** Each setting with what it means and its default, or else an example of it. */
function exampleOf({ properties }) {
  const head = [
    '# Every setting is an environment variable, and none is required. docs/operate.md explains them.',
    '#',
    '# To use this file: copy it to .env, which `npm start` and others read, and take away the # before what you set. What',
    '# is set already in the environment stays as it is. A value that stands here is what holds without it.',
    '# A variable with the suffix _FILE names a file that holds the value: DATABASE_URL_FILE, for example.',
  ];
  const settings = Object.entries(properties).map(
    ([name, { description, default: byDefault = '', examples, enum: words }]) => {
      const hints = [
        ...(words ? [`One of ${words.join(', ')}.`] : []),
        ...(examples ? [`Such as ${examples[0]}`] : []),
      ];
      const value = /\s/.test(String(byDefault)) ? `"${byDefault}"` : byDefault;
      return [`# ${[description, ...hints].join(' ')}`, `# ${name}=${value}`];
    },
  );
  return `${[head, ...settings].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

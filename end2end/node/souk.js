// Makes accounts and keys by the program's own commands.

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';

const souk = (args, input = '') => execFileSync(process.env.SOUK_BIN, args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });

export const password = 'a long and boring password';

/** An address that nobody has. */
export const newEmail = () => `${randomUUID()}@example.test`;

/** The key of a new account with so many dollars. */
export function newKey(dollars) {
  const email = newEmail();
  souk(['account', 'create', '--email', email, '--password-stdin'], `${password}\n`);
  if (Number(dollars) > 0) souk(['credit', 'grant', '--email', email, '--usd', dollars, '--reason', 'a test']);
  return souk(['key', 'create', '--email', email, '--name', 'tests']).match(/sk-souk-v1-[0-9a-f]{64}/)[0];
}

import { randomBytes } from 'node:crypto';
import type { CreateUser } from '@maas/contracts/auth';

/** The accounts of an installation with the embedded database: one in each tier, and an administrator. */
export function demoAccounts(password: string): CreateUser[] {
  return [
    { username: 'free', password, role: 'user', groups: [] },
    { username: 'premium', password, role: 'user', groups: ['premium-users'] },
    { username: 'enterprise', password, role: 'user', groups: ['enterprise-users'] },
    { username: 'admin', password, role: 'admin', groups: ['enterprise-users'] },
  ];
}

/** A password that nobody has to type: 96 random bits. */
export function randomPassword(): string {
  return randomBytes(12).toString('base64url');
}

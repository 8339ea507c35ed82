// @ts-check
import { randomBytes } from 'node:crypto';
import { ControlPlane } from './control-plane.mjs';

/** So high that they never refuse, and finite, so that every request is counted against them. */
const NEVER_REACHED = 1_000_000_000;
const GROUP = 'bench-users';

/**
 * Who sends the load, made by the real flow.
 * @typedef {object} Caller
 * @property {string} userId
 * @property {string} accessToken
 * @property {string} adminToken good for every start of the gateway on the same data
 */

/**
 * Makes a tier with limits, opens the model to it, makes a person in it and mints an access token as that person.
 * @param {number} port of a gateway
 * @param {string} adminPassword
 * @returns {Promise<Caller>}
 */
export async function createCaller(port, adminPassword) {
  const adminToken = await new ControlPlane(port).signIn('admin', adminPassword);
  const admin = new ControlPlane(port, adminToken);
  await admin.call('POST', '/admin/tiers', {
    name: 'bench',
    displayName: 'Bench',
    level: 100,
    groups: [GROUP],
    requestsPerMinute: NEVER_REACHED,
    tokensPerMinute: NEVER_REACHED,
    maxConcurrentRequests: NEVER_REACHED,
  });
  const { tiers } = await admin.call('GET', '/admin/models/simulator');
  await admin.call('PATCH', '/admin/models/simulator', { tiers: [...tiers, 'bench'] });
  const password = randomBytes(12).toString('hex');
  const { id } = await admin.call('POST', '/admin/users', { username: 'bench', password, groups: [GROUP] });
  const identityToken = await new ControlPlane(port).signIn('bench', password);
  const person = new ControlPlane(port, identityToken);
  const { token } = await person.call('POST', '/tokens', { expiration: '1d', name: 'bench' });
  return { userId: id, accessToken: token, adminToken };
}

/** All that PostgreSQL sees of our environment: nothing. A PGDATA, PGPORT or LD_PRELOAD of the user's would mislead it. */
export const serverEnvironment: NodeJS.ProcessEnv = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };

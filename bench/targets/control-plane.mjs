// @ts-check

/** The control plane of a gateway, as an administrator uses it. */
export class ControlPlane {
  /**
   * @param {number} port
   * @param {string} [token] an identity token
   */
  constructor(port, token) {
    this.base = `http://127.0.0.1:${port}/maas-api/v1`;
    this.token = token;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   * @throws {Error} unless it answers 2xx
   */
  async call(method, path, body) {
    const answer = await fetch(this.base + path, {
      method,
      headers: this.token === undefined ? {} : { authorization: `Bearer ${this.token}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /**
   * @param {string} username
   * @param {string} password
   * @returns {Promise<string>} an identity token
   */
  async signIn(username, password) {
    return (await this.call('POST', '/login', { username, password })).token;
  }
}

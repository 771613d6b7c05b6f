/**
 * The key under which something of an endpoint is kept and stored: its service and name as JSON. Asked for with each contribution, of few
 * endpoints: so each is written once and remembered.
 */

/** Keys remembered of one service; then all of it are forgotten at once. */
const MOST = 10_000;

export class EndpointKeys {
  readonly #services = new Map<string, Map<string, string>>();

  of(service: string, endpoint: string): string {
    let keys = this.#services.get(service);
    if (!keys) {
      if (this.#services.size >= MOST) this.#services.clear();
      keys = new Map();
      this.#services.set(service, keys);
    }
    const known = keys.get(endpoint);
    if (known !== undefined) return known;
    if (keys.size >= MOST) keys.clear();
    const key = JSON.stringify([service, endpoint]);
    keys.set(endpoint, key);
    return key;
  }
}

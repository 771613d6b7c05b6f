/**
 * The key under which something of an endpoint is kept and stored: its service and name as JSON. Asked for with each contribution, of few
 * endpoints: so each is written once and remembered.
 */

/** Keys remembered, of all services; then all are forgotten at once. */
const MOST = 10_000;

export class EndpointKeys {
  /** How often all were forgotten for want of room. */
  cleared = 0;
  readonly #services = new Map<string, Map<string, string>>();
  #size = 0;

  of(service: string, endpoint: string): string {
    const known = this.#services.get(service)?.get(endpoint);
    if (known !== undefined) return known;
    if (this.#size >= MOST) {
      this.#services.clear();
      this.#size = 0;
      this.cleared += 1;
    }
    const key = JSON.stringify([service, endpoint]);
    const keys = this.#services.get(service) ?? new Map<string, string>();
    this.#services.set(service, keys.set(endpoint, key));
    this.#size += 1;
    return key;
  }
}

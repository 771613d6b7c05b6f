/** Carts and orders, in memory. A cart holds at most 50 things; of the orders the last 10,000 are kept. */
import type { Product } from './catalogue.js';

const LARGEST_CART = 50;
const MOST_ORDERS = 10_000;

export interface Order {
  id: number;
  user: string;
  items: readonly Product[];
  totalCents: number;
}

export class Orders {
  readonly #carts = new Map<string, Product[]>();
  readonly #orders = new Map<number, Order>();
  #lastId = 1000;

  /** Things in the user's cart afterwards, or undefined where it is full. */
  addToCart(user: string, product: Product): number | undefined {
    const cart = this.#carts.get(user) ?? [];
    if (cart.length >= LARGEST_CART) return undefined;
    cart.push(product);
    this.#carts.set(user, cart);
    return cart.length;
  }

  /** Turns the user's cart into an order; undefined where it is empty. */
  checkOut(user: string): Order | undefined {
    const items = this.#carts.get(user) ?? [];
    if (items.length === 0) return undefined;
    this.#carts.delete(user);
    this.#lastId += 1;
    const order = { id: this.#lastId, user, items, totalCents: items.reduce((sum, { priceCents }) => sum + priceCents, 0) };
    this.#orders.set(order.id, order);
    this.#orders.delete(order.id - MOST_ORDERS);
    return order;
  }

  find(id: number): Order | undefined {
    return this.#orders.get(id);
  }
}

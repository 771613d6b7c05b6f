/** What the shop sells: a hundred and twenty things for boats, the same after each start. */
export interface Product {
  id: number;
  name: string;
  priceCents: number;
  description: string;
}

const materials = ['Oak', 'Brass', 'Canvas', 'Hemp', 'Copper', 'Cork', 'Steel', 'Wool', 'Teak', 'Tin'];
const things = [
  'Lantern',
  'Compass',
  'Anchor',
  'Cleat',
  'Bucket',
  'Whistle',
  'Hook',
  'Buoy',
  'Chart Box',
  'Oar',
  'Pulley',
  'Bell',
];

export const products: readonly Product[] = materials.flatMap((material, row) =>
  things.map((thing, column) => ({
    id: row * things.length + column + 1,
    name: `${material} ${thing}`,
    priceCents: 500 + ((row * 7919 + column * 104_729) % 14_500),
    description: `A ${material.toLowerCase()} ${thing.toLowerCase()} that has seen no storm yet. `.repeat(3).trim(),
  })),
);

const pageSize = 20;

/** One page of the catalogue; pages count from 1. */
export function productPage(page: number): readonly Product[] {
  return products.slice((page - 1) * pageSize, page * pageSize);
}

export function findProducts(text: string): readonly Product[] {
  const wanted = text.toLowerCase().slice(0, 60);
  return products.filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, pageSize);
}

/**
 * What is loaded when somebody first wants it, so that the first page comes without: dialogs, menus and charts. All of it is
 * fetched ahead once the page stands (preload.ts); until then a scrim, or the menu's own button, stands in its place.
 */
import { type ComponentType, createElement, lazy, type ReactNode, Suspense, useState } from 'react';

export const loadsOnDemand: (() => Promise<unknown>)[] = [];

/** @returns gives the component; after a failure another one, which loads again: `lazy` would keep the failure until a reload. */
function later<P extends object>(load: () => Promise<ComponentType<P>>): () => ComponentType<P> {
  loadsOnDemand.push(load);
  let kept: ComponentType<P> | undefined;
  const attempt = async () => {
    try {
      return { default: await load() };
    } catch (error) {
      kept = undefined;
      throw error;
    }
  };
  return () => {
    kept ??= lazy(attempt) as unknown as ComponentType<P>;
    return kept;
  };
}

/**
 * A part of a page. The wait is within it: one further out would forget what was taken, and take again after each failure without
 * an end.
 *
 * @param waiting stands in its place while its code comes
 */
export function partOnDemand<P extends object>(
  load: () => Promise<ComponentType<P>>,
  waiting: ReactNode,
): (props: P) => ReactNode {
  const take = later(load);
  return function OnDemand(props) {
    const [Part] = useState(take);
    return <Suspense fallback={waiting}>{createElement(Part, props)}</Suspense>;
  };
}

/**
 * A dialog, to be rendered only while it is open. While its code comes the scrim has the keyboard: what is typed for the palette
 * must not act on the alerts behind it (keys.ts).
 */
export const dialogOnDemand = <P extends object>(load: () => Promise<ComponentType<P>>) => partOnDemand(load, <Scrim />);

const Scrim = () => <div role="dialog" aria-modal aria-busy aria-label="Loading" className="fixed inset-0 z-40 bg-scrim" />;

/** What the button of a menu shows, and how it looks: the same before its code is there and after. */
export interface Face {
  face: ReactNode;
  faceClass: string;
}

/** A menu that opens at once when its code has come. */
export function menuOnDemand<P extends object>(
  load: () => Promise<ComponentType<P & Face>>,
  look: (props: P) => Face,
): (props: P) => ReactNode {
  const take = later(load);
  return function OnDemand(props) {
    const [wanted, setWanted] = useState(false);
    const [Menu] = useState(take);
    const { face, faceClass } = look(props);
    const button = (
      <button
        type="button"
        aria-haspopup="menu"
        aria-expanded={false}
        aria-busy={wanted || undefined}
        className={faceClass}
        onClick={() => setWanted(true)}
      >
        {face}
      </button>
    );
    return wanted ? <Suspense fallback={button}>{createElement(Menu, { ...props, face, faceClass })}</Suspense> : button;
  };
}

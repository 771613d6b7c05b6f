/** How menus look, wherever they are. */
export const menuContentClass = 'z-50 min-w-44 animate-enter rounded-lg bg-raised p-1 shadow-pop';
export const menuItemClass =
  'flex h-8 cursor-default select-none items-center gap-2 rounded-md px-2 text-sm outline-none data-[highlighted]:bg-hover';

import { classNames } from '@/lib/class-names';

/** The look of what takes input: text, select, combobox. 16 px on a phone, where a smaller font would make it zoom. */
export const controlClass = classNames(
  'h-8 w-full rounded-md border border-control/70 bg-surface px-2.5 text-sm text-ink shadow-card transition-colors duration-100',
  'placeholder:text-faint hover:border-control focus:border-accent focus:outline-1 focus:-outline-offset-2 focus:outline-accent',
  'aria-invalid:border-danger disabled:bg-sunken disabled:text-faint max-sm:h-10 max-sm:text-lg dark:bg-sunken',
);

/** The look of what opens below a control: a list of choices, a menu. */
export const popupClass = classNames(
  'origin-(--transform-origin) rounded-lg bg-raised p-1 text-sm text-ink shadow-popup outline-none transition-[opacity,scale] duration-100 ease-out',
  'data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0',
);

/** The look of one choice in it. */
export const choiceClass = classNames(
  'flex min-h-8 cursor-default items-center gap-2 rounded-sm px-2 py-1.5 outline-none select-none',
  'data-disabled:text-faint data-highlighted:bg-hover dark:data-highlighted:bg-selected [&_svg]:size-4 [&_svg]:shrink-0',
);

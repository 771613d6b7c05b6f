/** Buttons, and links that look like one. `busy` keeps the label and the focus while an act is under way. */
import { cva, type VariantProps } from 'class-variance-authority';
import { ChevronDown, LoaderCircle } from 'lucide-react';
import type { ComponentProps } from 'react';
import { cn } from './cn.js';

export const buttonClass = cva(
  'inline-flex select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-55',
  {
    variants: {
      look: {
        primary: 'bg-accent text-on-accent hover:bg-accent-strong',
        plain: 'border border-line-strong bg-surface text-ink shadow-card hover:bg-hover',
        ghost: 'text-muted hover:bg-hover hover:text-ink',
        danger: 'bg-critical text-on-critical hover:opacity-90',
        warning: 'border border-critical/40 bg-surface text-critical shadow-card hover:bg-critical/8',
      },
      size: {
        sm: 'h-7 px-2.5 text-xs',
        md: 'h-8 px-3 text-sm',
        lg: 'h-9 px-3.5 text-base',
        icon: 'size-8 text-sm [&_svg]:size-4',
      },
    },
    defaultVariants: { look: 'plain', size: 'md' },
  },
);

type ButtonProps = ComponentProps<'button'> & VariantProps<typeof buttonClass> & { busy?: boolean | undefined };

export function Button({ look, size, busy = false, className, disabled, children, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-busy={busy || undefined}
      disabled={disabled || busy}
      className={cn(buttonClass({ look, size }), className)}
    >
      {busy && <LoaderCircle aria-hidden className="size-3.5 animate-spin" />}
      {children}
    </button>
  );
}

interface SplitButtonProps extends ButtonProps {
  /** What the part at its end asks more of, to be read by itself: `Acknowledge until…`. */
  more: string;
  onMore: () => void;
}

/** An act that is done at once, and beside it the same act in a dialog, with more to be said about it. */
export function SplitButton({ more, onMore, className, look, size, ...act }: SplitButtonProps) {
  return (
    <span className={cn('inline-flex', className)}>
      <Button {...act} look={look} size={size} className="flex-1 rounded-l-md" />
      <Button
        look={look}
        size={size}
        aria-label={more}
        title={more}
        aria-haspopup="dialog"
        onClick={onMore}
        className="ml-px rounded-r-md px-1.5"
      >
        <ChevronDown aria-hidden className="size-4" />
      </Button>
    </span>
  );
}

import { classNames } from '@/lib/class-names';

interface SparklineProps {
  /** Oldest first. */
  values: readonly number[];
  /** What a screen reader hears instead: the sum and the trend in words. */
  label: string;
  className?: string;
}

const WIDTH = 100;
const HEIGHT = 32;

/** A row of numbers as columns, without axes: a hint of the shape. What is exact stands beside it in words. */
export function Sparkline({ values, label, className }: SparklineProps) {
  const highest = Math.max(...values, 1);
  const step = WIDTH / Math.max(values.length, 1);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={classNames('w-full text-chart-1', className)}
    >
      {values.map((value, index) => {
        const height = value === 0 ? 0.75 : Math.max(2, (value / highest) * HEIGHT);
        return (
          <rect
            // The order of the columns is what they are.
            // oxlint-disable-next-line react/no-array-index-key
            key={index}
            x={index * step + step * 0.14}
            y={HEIGHT - height}
            width={step * 0.72}
            height={height}
            rx={0.6}
            fill="currentColor"
            opacity={value === 0 ? 0.3 : index === values.length - 1 ? 1 : 0.72}
          />
        );
      })}
    </svg>
  );
}

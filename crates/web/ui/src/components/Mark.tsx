/** The product's mark: lines that come together at a desk. */
export function Mark({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <rect width="32" height="32" rx="9" fill="var(--mantine-color-ink-6)" />
      <path d="M8 10.5h16M16 10.5V24" stroke="#fff" strokeWidth="3.2" strokeLinecap="round" />
      <circle cx="8" cy="10.5" r="2.6" fill="#fff" />
      <circle cx="24" cy="10.5" r="2.6" fill="#fff" />
      <circle cx="16" cy="24" r="2.6" fill="#8fd9cf" />
    </svg>
  );
}

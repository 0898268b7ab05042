export function useUnreadTotal(): number {
  return 0;
}

export function FirstRunGuide() {
  return null;
}

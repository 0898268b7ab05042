/** Whether Twilio reports a number's incoming texts to this channel. */
export function whereTexts(set: string | null | undefined, wanted: string): "here" | "elsewhere" | "nowhere" {
  if (!set) return "nowhere";
  // What comes after `#` tells Twilio how often to try, and Twilio may leave it out.
  const address = (url: string) => url.split("#")[0];
  return address(set) === address(wanted) ? "here" : "elsewhere";
}

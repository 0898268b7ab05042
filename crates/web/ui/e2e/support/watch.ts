import type { BrowserContext, ConsoleMessage, Request } from "@playwright/test";

/**
 * Looks for what a page must never do, whatever it is that a test is about: errors on the console,
 * uncaught errors, violations of the content security policy, requests to another origin.
 */
export class Watch {
  private readonly problems: string[] = [];
  private readonly allowed: RegExp[] = [];

  /** Says that this will be on the console, as it is what the test provokes. */
  allow(...patterns: RegExp[]): void {
    this.allowed.push(...patterns);
  }

  async observe(context: BrowserContext): Promise<void> {
    context.on("console", (message) => this.onConsole(message));
    context.on("weberror", (error) => this.add(`uncaught: ${error.error().stack ?? String(error.error())}`));
    context.on("request", (request) => this.onRequest(request));
    await context.exposeBinding("reportViolation", (_, words: string) => this.add(words));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        const report = (globalThis as unknown as { reportViolation(words: string): void }).reportViolation;
        report(`content security policy: ${event.violatedDirective} forbids ${event.blockedURI} (${event.sourceFile})`);
      });
    });
  }

  /** What was seen and not allowed. */
  found(): string[] {
    return this.problems.filter((problem) => !this.allowed.some((pattern) => pattern.test(problem)));
  }

  private add(problem: string): void {
    this.problems.push(problem);
  }

  private onConsole(message: ConsoleMessage): void {
    if (message.type() !== "error") return;
    const { url } = message.location();
    this.add(`console: ${message.text()}${url ? ` (${new URL(url).pathname})` : ""}`);
  }

  private onRequest(request: Request): void {
    const { protocol, origin } = new URL(request.url());
    if (protocol === "data:" || protocol === "blob:" || request.isNavigationRequest()) return;
    const page = new URL(request.frame().url()).origin;
    if (origin !== page) this.add(`a page of ${page} asked ${request.url()}`);
  }
}

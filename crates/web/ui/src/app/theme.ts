import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

import { common } from "../strings/common";

/** The accent: an ink blue that keeps 4.5:1 against white from shade 5 on. */
const ink: MantineColorsTuple = [
  "#eef2ff", "#dee6fe", "#bccbfb", "#95acf6", "#7590f1", "#4a68e3", "#3552d6", "#2c45b8", "#253996", "#1e2f78",
];

/** Cool greys; 6 keeps 4.5:1 on 0, 1 and white. */
const gray: MantineColorsTuple = [
  "#f7f8fb", "#f1f3f7", "#e6e9f0", "#d8dce6", "#bcc2d0", "#9399ab", "#5f667b", "#474d60", "#31364a", "#1d2133",
];

/** The dark side: 0 is text, 7 the page. */
const dark: MantineColorsTuple = [
  "#dfe2ec", "#b9becd", "#979db1", "#6b7188", "#3b4054", "#2c3042", "#222636", "#181b28", "#12151f", "#0d0f17",
];

/** An icon alone has no name for readers. */
const closeButtonProps = { "aria-label": common.close };

export const theme = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 6, dark: 5 },
  colors: { ink, gray, dark },
  black: "#1a1e2e",
  autoContrast: true,
  luminanceThreshold: 0.35,
  fontFamily:
    'Inter, "SF Pro Text", -apple-system, "Segoe UI Variable Text", "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, system-ui, sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji"',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: "650", sizes: { h1: { fontSize: "1.375rem" }, h2: { fontSize: "1.125rem" }, h3: { fontSize: "1rem" } } },
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "18px" },
  defaultRadius: "md",
  respectReducedMotion: true,
  cursorType: "pointer",
  // Without the components' own `extend`, which would load every one of them with the first screen.
  components: {
    Button: { defaultProps: { size: "sm" }, styles: { label: { fontWeight: 600 } } },
    Badge: { styles: { root: { textTransform: "none", fontWeight: 600 } } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, radius: "sm" } },
    Menu: { defaultProps: { shadow: "md", withInitialFocusPlaceholder: false, transitionProps: { duration: 90 } } },
    Popover: { defaultProps: { shadow: "md", transitionProps: { duration: 90 } } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45, blur: 2 }, closeButtonProps } },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.35 }, closeButtonProps } },
  },
});

const HUES = ["ink", "red", "green", "yellow", "orange", "teal", "grape", "violet", "blue"] as const;

/** What buttons on no ground are written in: their own colour, readable on either side. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: Object.fromEntries(HUES.map((hue) => [`--mantine-color-${hue}-light-color`, `var(--mantine-color-${hue}-${hue === "ink" ? "7" : "9"})`])),
  dark: {
    ...Object.fromEntries(HUES.map((hue) => [`--mantine-color-${hue}-light-color`, `var(--mantine-color-${hue}-3)`])),
    "--mantine-color-ink-light": "rgb(117 144 241 / 16%)",
    "--mantine-color-ink-light-hover": "rgb(117 144 241 / 24%)",
    "--mantine-color-gray-light-color": "var(--mantine-color-dark-1)",
  },
});

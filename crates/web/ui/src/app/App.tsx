import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, StrictMode, Suspense, type ComponentType } from "react";

import { styleNonce } from "./nonce";
import { queryClient } from "./queryClient";
import { router } from "./router";
import { cssVariables, theme } from "./theme";

// What is told before it is there waits in its store; and the page is of use without it.
const Toasts = lazy<ComponentType>(() =>
  import("./Toasts").then(
    (m) => ({ default: m.Toasts }),
    () => ({ default: () => null }),
  ),
);

/** The whole page. */
export function App() {
  return (
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={styleNonce} cssVariablesResolver={cssVariables}>
        <QueryClientProvider client={queryClient}>
          <Suspense>
            <Toasts />
          </Suspense>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>
  );
}

"""LTI Advantage: deep linking, and the services that a platform offers: columns, scores, results, people."""

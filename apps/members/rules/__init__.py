"""How members are kept, transferred and contacted. Pure functions; each threshold has its Citation."""

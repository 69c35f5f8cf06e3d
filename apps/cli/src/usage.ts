/** What this process has used: CPU seconds (user and system, all threads) and the peak of its resident memory. */
export function usage(): { cpuSeconds: number; maxRssMiB: number } {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, maxRssMiB: Math.round(process.resourceUsage().maxRSS / 1024) };
}

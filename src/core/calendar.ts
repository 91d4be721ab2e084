/** Whether the calendar has a day, as `2026-02-28`: Date.parse takes the 30th of February for the 2nd of March. */
export function isInCalendar(day: string): boolean {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return date >= 1 && date <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

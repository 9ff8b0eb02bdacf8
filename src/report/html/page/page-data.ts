import type { ArmData, ReportData } from '../../../model/report-data.ts';

/** The data that the report carries, as `embedJson` wrote it. */
export function readPageData(): ReportData {
  return JSON.parse(document.getElementById('report-data')?.textContent ?? '{"arms":[]}') as ReportData;
}

/** The arm of that id with its place among the arms, which decides on its colour. */
export function findArm(data: ReportData, id: string): { arm: ArmData; index: number } | undefined {
  const index = data.arms.findIndex((arm) => arm.id === id);
  const arm = data.arms[index];
  return arm ? { arm, index } : undefined;
}

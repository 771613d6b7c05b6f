/** The faults of the last try, for every field of the page without handing them through each row. */
import { createContext, useContext } from 'react';
import { type Faults, faultAt, faultsBelow, lineFaults, noFaults } from './faults.js';

export const FaultsContext = createContext<Faults>(noFaults);

export const useFault = (path: string): string | undefined => faultAt(useContext(FaultsContext), path);
export const useFaultCount = (path: string): number => faultsBelow(useContext(FaultsContext), path);
export const useLineFaults = (path: string, lines: readonly string[]): string | undefined =>
  lineFaults(useContext(FaultsContext), path, lines);

import { tr } from './words';

/** Licences to choose from, and the one that there is. */
export const licenceOptions = (value: string): [string, string][] => {
  const all: [string, string][] = [
    ['', tr('nicht angegeben', 'not given')], ['CC0-1.0', tr('frei, ohne Bedingungen (CC0)', 'free, without conditions (CC0)')], ['CC-BY-4.0', tr('frei mit Namensnennung (CC BY 4.0)', 'free with attribution (CC BY 4.0)')],
    ['CC-BY-SA-4.0', tr('frei mit Namensnennung, zu gleichen Bedingungen (CC BY-SA 4.0)', 'free with attribution, share alike (CC BY-SA 4.0)')], ['DL-DE-BY-2.0', tr('Datenlizenz Deutschland, Namensnennung', 'Data licence Germany, attribution')],
    ['DL-DE-ZERO-2.0', tr('Datenlizenz Deutschland, Zero', 'Data licence Germany, zero')],
  ];
  return all.some(([v]) => v === value) ? all : [...all, [value, value]];
};

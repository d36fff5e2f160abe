import { formatLicense } from '../../app/licenses';
import { FIELDS, type FieldName, type FieldValues } from './fields';

/** What a form has of a field, as a text beside the form: “#sea #sunset”, “CC BY 4.0”. Empty where the field is. */
export function formatValue(name: FieldName, value: FieldValues[FieldName]): string {
  if (typeof value !== 'string') return value.map((tag) => `#${tag}`).join(' ');
  if (name === 'license') return formatLicense(value);
  return FIELDS[name].kind === 'moment' ? value.replace('T', ', ') : value;
}

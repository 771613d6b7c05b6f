/** The choice of a role, with what it is for. */
import type { Person } from '@plimsoll/contracts';
import { Field, Select } from '../ui/field.js';
import { roleMeanings, roles } from './roles.js';

interface RoleFieldProps {
  role: Person['role'];
  onChange: (role: Person['role']) => void;
  /** After what the role is for. */
  also?: string;
}

export const RoleField = ({ role, onChange, also = '' }: RoleFieldProps) => (
  <Field label="Role" hint={`${roleMeanings[role]} ${also}`}>
    {(ids) => (
      <Select {...ids} value={role} onChange={(event) => onChange(event.target.value as Person['role'])}>
        {roles.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </Select>
    )}
  </Field>
);

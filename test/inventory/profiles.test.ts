import { expect, test } from 'vitest';
import { readMappingProfile } from '../../src/inventory/mapping-profile.ts';
import { profiles } from '../../src/inventory/profiles.ts';

test.each(profiles)('the profile $name could have been written by anybody', (profile) => {
  expect(readMappingProfile(JSON.stringify(profile))).toEqual({ ok: true, profile });
});

/** The codes of errors, by what they mean. */
import { FAULTS, URL_ELICITATION_REQUIRED } from '../../wire/fault.js';

export const CODES = {
  parseError: FAULTS.parseError.code,
  invalidRequest: FAULTS.invalidRequest.code,
  methodNotFound: FAULTS.methodNotFound.code,
  invalidParams: FAULTS.invalidParams.code,
  internalError: FAULTS.internalError.code,
  resourceNotFound: FAULTS.resourceNotFound.code,
  headerMismatch: FAULTS.headerMismatch.code,
  missingCapability: FAULTS.missingCapability.code,
  unsupportedVersion: FAULTS.unsupportedVersion.code,
  urlElicitationRequired: URL_ELICITATION_REQUIRED,
} as const;

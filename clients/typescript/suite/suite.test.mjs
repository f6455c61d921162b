// The suite that the Workflow SDK publishes for Worlds, unmodified, on ours.

import { createTestSuite } from '@workflow/world-testing';

createTestSuite('world-workflow-pg');

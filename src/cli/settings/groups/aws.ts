import { awsTemplates } from '../../../app/options.ts'
import { parseRegion, parseTemplate } from '../credential-values.ts'
import type { Setting } from '../setting.ts'
import { one, text } from '../types.ts'
import { builds } from './runtime.ts'

const secret = (value: string): readonly string[] => [value]
const template = one('PATH', parseTemplate)
const keysDetails = "Without keys this machine's own AWS identity is used."

export const aws = {
  'aws-secretsmanager-region': {
    group: 'Credentials', commands: builds, type: one('REGION', parseRegion), concourse: 'CONCOURSE_AWS_SECRETSMANAGER_REGION',
    summary: 'read vars from AWS Secrets Manager there',
  },
  'aws-secretsmanager-access-key': {
    group: 'Credentials', commands: builds, type: text('ID'), concourse: 'CONCOURSE_AWS_SECRETSMANAGER_ACCESS_KEY',
    summary: 'id of the key to read with', details: keysDetails,
  },
  'aws-secretsmanager-secret-key': {
    group: 'Credentials', commands: builds, type: text('KEY'), secret, concourse: 'CONCOURSE_AWS_SECRETSMANAGER_SECRET_KEY',
    summary: 'the key itself',
  },
  'aws-secretsmanager-session-token': {
    group: 'Credentials', commands: builds, type: text('TOKEN'), secret, concourse: 'CONCOURSE_AWS_SECRETSMANAGER_SESSION_TOKEN',
    summary: 'token of a key for a time',
  },
  'aws-secretsmanager-pipeline-secret-template': {
    group: 'Credentials', commands: builds, type: template, concourse: 'CONCOURSE_AWS_SECRETSMANAGER_PIPELINE_SECRET_TEMPLATE',
    summary: "name of a pipeline's secret", details: `Without it: \`${awsTemplates.pipeline}\`.`,
  },
  'aws-secretsmanager-team-secret-template': {
    group: 'Credentials', commands: builds, type: template, concourse: 'CONCOURSE_AWS_SECRETSMANAGER_TEAM_SECRET_TEMPLATE',
    summary: "name of a team's secret", details: `Without it: \`${awsTemplates.team}\`.`,
  },
  'aws-secretsmanager-shared-secret-template': {
    group: 'Credentials', commands: builds, type: template, concourse: 'CONCOURSE_AWS_SECRETSMANAGER_SHARED_SECRET_TEMPLATE',
    summary: 'name of a secret of all teams', details: `Without it: \`${awsTemplates.shared}\`.`,
  },
  'aws-ssm-region': {
    group: 'Credentials', commands: builds, type: one('REGION', parseRegion), concourse: 'CONCOURSE_AWS_SSM_REGION',
    summary: 'read vars from parameters of AWS SSM there',
  },
  'aws-ssm-access-key': {
    group: 'Credentials', commands: builds, type: text('ID'), concourse: 'CONCOURSE_AWS_SSM_ACCESS_KEY',
    summary: 'id of the key to read with', details: keysDetails,
  },
  'aws-ssm-secret-key': {
    group: 'Credentials', commands: builds, type: text('KEY'), secret, concourse: 'CONCOURSE_AWS_SSM_SECRET_KEY',
    summary: 'the key itself',
  },
  'aws-ssm-session-token': {
    group: 'Credentials', commands: builds, type: text('TOKEN'), secret, concourse: 'CONCOURSE_AWS_SSM_SESSION_TOKEN',
    summary: 'token of a key for a time',
  },
  'aws-ssm-pipeline-secret-template': {
    group: 'Credentials', commands: builds, type: template, concourse: 'CONCOURSE_AWS_SSM_PIPELINE_SECRET_TEMPLATE',
    summary: "name of a pipeline's parameter", details: `Without it: \`${awsTemplates.pipeline}\`.`,
  },
  'aws-ssm-team-secret-template': {
    group: 'Credentials', commands: builds, type: template, concourse: 'CONCOURSE_AWS_SSM_TEAM_SECRET_TEMPLATE',
    summary: "name of a team's parameter", details: `Without it: \`${awsTemplates.team}\`.`,
  },
  'aws-ssm-shared-path': {
    group: 'Credentials', commands: builds, type: text('PATH'), concourse: 'CONCOURSE_AWS_SSM_SHARED_PATH',
    summary: 'path of parameters of all teams',
  },
} as const satisfies Readonly<Record<string, Setting>>

import { z } from 'zod'
import { boundedArray, boundedRecord } from '../lib/bounded.ts'

const longestList = 200_000

/** The schema with bounds, and with objects that ignore keys they do not know: a newer server sends more than this client knows of. */
export function tolerant(schema: z.core.$ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) {
    const shape = Object.fromEntries(Object.entries(schema.shape as Record<string, z.core.$ZodType>).map(([key, value]) => [key, tolerant(value)]))
    return z.object(shape)
  }
  if (schema instanceof z.ZodArray) return boundedArray(tolerant(schema.element), longestList)
  if (schema instanceof z.ZodRecord) return boundedRecord(schema.keyType as z.ZodType<string>, tolerant(schema.valueType), longestList)
  if (schema instanceof z.ZodExactOptional) return tolerant(schema.unwrap()).exactOptional()
  if (schema instanceof z.ZodOptional) return tolerant(schema.unwrap()).optional()
  if (schema instanceof z.ZodNullable) return tolerant(schema.unwrap()).nullable()
  return schema as z.ZodType
}

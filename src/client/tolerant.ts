import { z } from 'zod'

/** The schema with objects that ignore keys they do not know: a newer server sends more than this client knows of. */
export function tolerant(schema: z.core.$ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) {
    const shape = Object.fromEntries(Object.entries(schema.shape as Record<string, z.core.$ZodType>).map(([key, value]) => [key, tolerant(value)]))
    return z.object(shape)
  }
  if (schema instanceof z.ZodArray) return z.array(tolerant(schema.element))
  if (schema instanceof z.ZodExactOptional) return tolerant(schema.unwrap()).exactOptional()
  if (schema instanceof z.ZodOptional) return tolerant(schema.unwrap()).optional()
  if (schema instanceof z.ZodNullable) return tolerant(schema.unwrap()).nullable()
  return schema as z.ZodType
}

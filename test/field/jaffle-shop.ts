import { readText } from './cases.ts'

/** The tables of jaffle_shop, built from its seeds as its models build them. */
export const jaffleShop = (): string[] => [
  ...['customers', 'orders', 'payments'].flatMap((name) => seed(`raw_${name}`)),
  `CREATE TABLE orders AS SELECT o.id AS order_id, o.user_id AS customer_id, CAST(o.order_date AS DATE) AS order_date, o.status,
     ${['credit_card', 'coupon', 'bank_transfer', 'gift_card'].map((method) => `sum(CASE WHEN p.payment_method = '${method}' THEN p.amount ELSE 0 END) / 100.0 AS ${method}_amount`).join(', ')},
     sum(p.amount) / 100.0 AS amount
   FROM raw_orders o LEFT JOIN raw_payments p ON p.order_id = o.id GROUP BY o.id, o.user_id, o.order_date, o.status`,
  `CREATE TABLE customers AS SELECT c.id AS customer_id, c.first_name, c.last_name, count(o.order_id) AS number_of_orders,
     sum(o.amount) AS customer_lifetime_value
   FROM raw_customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.id, c.first_name, c.last_name`,
]

const seed = (name: string): string[] => {
  const [header = '', ...lines] = readText(`dbt/jaffle_shop_duckdb/seeds/${name}.csv`).trim().split('\n')
  const columns = header.split(',').map((column) => `${column} ${/id$|^amount$/.test(column) ? 'INT' : 'VARCHAR'}`)
  const rows = lines.map(
    (line) =>
      `(${line
        .split(',')
        .map((cell) => `'${cell.replaceAll("'", "''")}'`)
        .join(', ')})`,
  )
  return [`CREATE TABLE ${name} (${columns.join(', ')})`, `INSERT INTO ${name} VALUES ${rows.join(', ')}`]
}

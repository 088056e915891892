/** Functions that make one value of many rows, by the names that both engines and either of them have. */
export const aggregates: ReadonlySet<string> = new Set(
  (
    'any_value approx_count_distinct approx_quantile arg_max arg_min array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count ' +
    'count_if count_star countif covar_pop covar_samp every first json_agg json_object_agg jsonb_agg jsonb_object_agg kurtosis last ' +
    'list mad max max_by mean median min min_by mode percentile_cont percentile_disc product quantile quantile_cont quantile_disc ' +
    'regr_count regr_intercept regr_r2 regr_slope skewness stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance'
  ).split(' '),
)

/** Whether a function in a select list makes rows of its own. */
export const makesRows = (name: string): boolean =>
  /^(unnest|generate_(series|subscripts)|regexp_(matches|split_to_table)|string_to_table|jsonb?_(array_elements|each|object_keys|path_query|populate_recordset|to_recordset))/.test(
    name,
  )

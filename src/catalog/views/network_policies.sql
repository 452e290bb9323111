-- SHOW NETWORK POLICIES; columns as Snowflake's documentation lists them.
-- column: created_on TIMESTAMP_LTZ(3)
-- column: name TEXT
-- column: comment TEXT
-- column: entries_in_allowed_ip_list NUMBER
-- column: entries_in_blocked_ip_list NUMBER
-- column: entries_in_allowed_network_rules NUMBER
-- column: entries_in_blocked_network_rules NUMBER
SELECT
    created_on,
    name,
    coalesce(comment, '') AS comment,
    coalesce(json_array_length(detail -> 'properties' -> 'ALLOWED_IP_LIST'), 0) AS entries_in_allowed_ip_list,
    coalesce(json_array_length(detail -> 'properties' -> 'BLOCKED_IP_LIST'), 0) AS entries_in_blocked_ip_list,
    coalesce(json_array_length(detail -> 'properties' -> 'ALLOWED_NETWORK_RULE_LIST'), 0) AS entries_in_allowed_network_rules,
    coalesce(json_array_length(detail -> 'properties' -> 'BLOCKED_NETWORK_RULE_LIST'), 0) AS entries_in_blocked_network_rules
FROM live
WHERE kind = 'NETWORK POLICY'

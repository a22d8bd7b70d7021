-- Lets a millisecond pass between two questions. haproxy.cfg says what for.
core.register_action("pause", { "http-req", "http-res" }, function() core.msleep(1) end)

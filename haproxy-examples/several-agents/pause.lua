-- Lets a millisecond pass between two questions. haproxy.cfg says what for.
--
-- HAProxy 2.6 keeps the end of the sleep in the stream after it has passed, and would call the stream
-- again and again; a yield, which ends at no time, clears it.
local function pause()
	core.msleep(1)
	core.yield()
end

core.register_action("pause", { "http-req", "http-res" }, pause)

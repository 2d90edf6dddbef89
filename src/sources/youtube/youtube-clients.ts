/** How one of YouTube's own apps introduces itself. */
export interface YoutubeClient {
  /** The `context.client` object of the request. */
  context: Readonly<Record<string, string | number>>
  /** Its number in `x-youtube-client-name`. */
  number: string
  userAgent: string
}

/**
 * Tried in this order. Data, because YouTube retires versions: the web client has given empty captions
 * without proof of origin since 2025, these apps have not. When transcripts begin to fail, look here first.
 */
export const youtubeClients: readonly YoutubeClient[] = [
  {
    context: {
      clientName: 'ANDROID',
      clientVersion: '21.26.364',
      androidSdkVersion: 36,
      osName: 'Android',
      osVersion: '16',
    },
    number: '3',
    userAgent: 'com.google.android.youtube/21.26.364 (Linux; U; Android 16) gzip',
  },
  {
    context: {
      clientName: 'IOS',
      clientVersion: '20.11.6',
      deviceMake: 'Apple',
      deviceModel: 'iPhone10,4',
      osName: 'iOS',
      osVersion: '16.7.7.20H330',
    },
    number: '5',
    userAgent: 'com.google.ios.youtube/20.11.6 (iPhone10,4; U; CPU iOS 16_7_7 like Mac OS X)',
  },
  {
    context: {
      clientName: 'ANDROID_VR',
      clientVersion: '1.62.20',
      deviceMake: 'Oculus',
      deviceModel: 'Quest 3',
      osName: 'Android',
      osVersion: '12L',
      androidSdkVersion: 32,
    },
    number: '28',
    userAgent: 'com.google.android.apps.youtube.vr.oculus/1.62.20 (Linux; U; Android 12L) gzip',
  },
]
